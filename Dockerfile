# One image for every process; the command says which: node apps/<api|dialer|gateway|hangup|simulator>/dist/main.js
FROM node:24-bookworm-slim AS build
WORKDIR /onhook
# Redis is a container of its own, so the launcher is not used here: install, build, then drop what only the build needs.
COPY package.json package-lock.json .npmrc ./
COPY packages ./packages
COPY apps ./apps
COPY turbo.json tsconfig.base.json ./
RUN npm ci --include=dev --no-audit --no-fund --no-json
RUN TURBO_TELEMETRY_DISABLED=1 npx turbo run build --output-logs=errors-only
RUN npm prune --omit=dev --no-json

FROM node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /onhook
COPY --from=build /onhook/package.json ./
COPY --from=build /onhook/node_modules ./node_modules
COPY --from=build /onhook/packages ./packages
COPY --from=build /onhook/apps ./apps
COPY agents ./agents
RUN mkdir -p /var/lib/onhook/recordings /var/lib/onhook/archive /var/lib/onhook/ledger /var/lib/onhook/speech && chown -R node:node /var/lib/onhook
USER node
EXPOSE 3000
CMD ["node", "apps/api/dist/main.js"]
