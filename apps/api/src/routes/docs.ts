import { createHash } from 'node:crypto';
import { openapi } from '@onhook/contracts';
import type { Express } from 'express';
import { docsHtml, DOCS_STYLE } from '../docs-page.js';
import { onlyMethods } from '../requests.js';

/** The OpenAPI document, and one static page without scripts and without the network: it works on a plane. */
export function addDocsRoutes(app: Express): void {
  const html = docsHtml();
  const styleHash = createHash('sha256').update(DOCS_STYLE).digest('base64');
  const policy = `default-src 'none'; style-src 'sha256-${styleHash}'; frame-ancestors 'none'; base-uri 'none'`;

  const document = JSON.stringify(openapi());
  app.get('/openapi.json', (_request, response) => {
    response.type('application/json').send(document);
  });
  onlyMethods(app, '/openapi.json', ['GET', 'HEAD']);
  app.get('/docs', (_request, response) => {
    response.setHeader('Content-Security-Policy', policy);
    response.type('html').send(html);
  });
  onlyMethods(app, '/docs', ['GET', 'HEAD']);
  app.get('/', (_request, response) => response.redirect(302, '/docs'));
  onlyMethods(app, '/', ['GET', 'HEAD']);
}
