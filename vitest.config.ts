import { defineConfig } from 'vitest/config';

// Tests run on the sources: the condition below is what every workspace's `exports` offers beside `dist`.
// Vitest hands them to Node as --conditions, also for `require`: with 'import' among them CommonJS would be given ES modules.
const conditions = ['onhook-source', 'node'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'apps/*/src/**/*.test.ts', 'apps/onhook/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', 'test/long/**', 'test/peers/**'],
    pool: 'forks',
    // Most of the time is real time: phones that ring, people who speak. Two cores carry more files than two.
    maxWorkers: 3,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
