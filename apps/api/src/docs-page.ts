import {
  CAUSE_DOCS,
  CAUSES,
  DISPOSITIONS,
  FIELD_ERRORS,
  LAYERS,
  PARTIES,
  PROBLEMS,
  problemsOf,
  ROUTES,
  SCOPES,
  STATUSES,
  WAIT_REASONS,
  WEBHOOK_EVENTS,
  type Cause,
  type Route,
} from '@onhook/contracts';
import { z } from 'zod';
import { block, code, escape, prose, table } from './docs-html.js';

export const DOCS_STYLE = `
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}body{max-width:64rem;margin:2rem auto;padding:0 1rem}
code,pre{font:.9em/1.45 ui-monospace,monospace}pre{padding:1rem;overflow:auto;border:1px solid #8885;border-radius:.4rem}
table{border-collapse:collapse;width:100%;margin:1rem 0}th,td{text-align:left;vertical-align:top;padding:.35rem .6rem;border-bottom:1px solid #8884}
tr:target,section:target{background:#fd05}h2{margin-top:2.5rem}h4{margin:1.5rem 0 .3rem}summary{cursor:pointer}td:first-child{white-space:nowrap}@media(max-width:40rem){td:first-child{white-space:normal;overflow-wrap:anywhere}}
`;

/** Built from the same tables that the code runs on, so that it cannot say something else. */
export function docsHtml(): string {
  const tags = [...new Set(ROUTES.map(({ tag }) => tag))];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Onhook API</title><style>${DOCS_STYLE}</style></head>
<body>
<h1>Onhook API v1</h1>
<p>Outbound phone calls that an AI voice agent speaks. No call outlives its conversation, no phone rings twice for one dial, and no call is lost.</p>
<h2>A first call</h2>
<pre>curl -sS http://127.0.0.1:3000/v1/calls \\
  -H "Authorization: Bearer $API_KEY" \\
  -H "Content-Type: application/json" \\
  -H "Idempotency-Key: my-first-call" \\
  -d '{ "to": "+14155552671" }'</pre>
<p>JSON in and out, camelCase fields, times in ISO 8601 UTC, numbers in E.164. Unknown fields are refused. Every answer carries an X-Request-Id. <a href="/openapi.json">openapi.json</a> says all of this to programs.</p>
<h2>Endpoints</h2>
${tags
  .map(
    (tag) =>
      `<h3>${escape(tag)}</h3>${ROUTES.filter((route) => route.tag === tag)
        .map(routeHtml)
        .join('')}`,
  )
  .join('\n')}
<p>Beside these: ${code('GET /queues')}, Bull Board to look at (HTTP Basic, any user, an API key as password), and ${code('POST /carrier/twilio/…')}, for the carrier only: its signature is checked.</p>
<h2>Repeating a request</h2>
<p>Every POST takes an ${code('Idempotency-Key')} of 1 to 255 printable ASCII characters. For 24 hours the same key with the same request gives the first answer again, with ${code('Idempotency-Replayed: true')}; with another request it is ${code('idempotency-key-reused')}; while the first one still runs, ${code('idempotency-in-progress')}.</p>
<h2>Pages</h2>
<p>Lists are newest first: ${code('{ "data": […], "nextCursor": "…" }')}. Give ${code('nextCursor')} as ${code('cursor')} to read on; null ends it. A page may be short and still have one.</p>
<h2>How many requests</h2>
<p>${code('RateLimit')} tells how many requests of this API key are left in the running minute, ${code('RateLimit-Policy')} how many there are (REQUESTS_PER_MINUTE). Beyond that: 429 with ${code('Retry-After')}.</p>
<h2>Scopes of API keys</h2>
${table(
  ['Scope', ''],
  Object.entries(SCOPES).map(([scope, doc]) => [code(scope), prose(doc)]),
)}
<h2>Words</h2>
${table(
  ['Field', 'Values'],
  [
    [code('status'), STATUSES.map(code).join(' ')],
    [code('disposition'), `How it turned out: ${DISPOSITIONS.map(code).join(' ')}`],
    [code('endedBy'), `Which layer ended it: ${LAYERS.map(code).join(' ')}`],
    [code('endedParty'), `Who wanted it: ${PARTIES.map(code).join(' ')}`],
  ],
)}
<h2>Causes</h2>
<p>Why a call ended: <code>cause</code>, its <code>causeGroup</code>, and its <code>hint</code>.</p>
${table(
  ['Cause', 'Group', 'What it means', 'Likely reason', 'What to do'],
  (Object.keys(CAUSES) as Cause[]).map((cause) => {
    const { likely, remedy } = CAUSE_DOCS[cause];
    return [code(cause), code(CAUSES[cause].group), prose(CAUSES[cause].hint), prose(likely), prose(remedy)];
  }),
  'cause',
)}
<h2>Reasons to wait</h2>
<p>Why a call is not dialed yet: <code>waitReason</code>, its <code>hint</code>, and until when, as far as known, <code>nextAttemptAt</code>.</p>
${table(
  ['Reason', 'Hint'],
  Object.entries(WAIT_REASONS).map(([reason, { hint }]) => [code(reason), prose(hint)]),
  'wait',
)}
<h2>Webhooks</h2>
${table(
  ['Event', ''],
  Object.entries(WEBHOOK_EVENTS).map(([type, { summary }]) => [code(type), prose(summary)]),
  'event',
)}
<h2>Problems</h2>
<p>Whatever is not a success is <code>application/problem+json</code> (RFC 9457). Switch on <code>code</code>.</p>
${table(
  ['Code', 'Status', ''],
  Object.entries(PROBLEMS).map(([name, { status, doc }]) => [code(name), String(status), prose(doc)]),
  'problem',
)}
<h2>Field errors</h2>
<p><code>errors[].code</code> of <code>validation-failed</code>; <code>errors[].pointer</code> is a JSON pointer into the body.</p>
${table(
  ['Code', ''],
  Object.entries(FIELD_ERRORS).map(([name, doc]) => [code(name), prose(doc)]),
  'field',
)}
</body></html>
`;
}

function routeHtml(route: Route): string {
  const { id, method, path, summary, description, scope, query, body, rawBody, answer, example } = route;
  const facts = [
    scope === null ? 'Open to everybody' : `Scope ${code(scope)}`,
    `answers ${code(String(answer.status))}: ${prose(answer.description)}`,
  ];
  return `<section id="${id}"><h4>${code(`${method} ${path}`)}</h4>
<p>${prose(summary)} ${description ? prose(description) : ''}</p><p>${facts.join('; ')}</p>
${query ? details('Query', parameters(query)) : ''}${body ? details('Body', `${example?.body === undefined ? '' : block(JSON.stringify(example.body, null, 2))}${block(JSON.stringify(jsonSchema(body, 'input'), null, 2))}`) : ''}
${Object.entries({ ...rawBody, ...answer.media })
  .map(([type, doc]) => `<p>${code(type)}: ${prose(doc)}</p>`)
  .join('')}
${answer.json ? details('Answer', block(JSON.stringify(jsonSchema(answer.json, 'output'), null, 2))) : ''}
${details(
  'Problems',
  problemsOf(route)
    .map((name) => `<a href="#problem-${name}">${code(name)}</a>`)
    .join(' '),
)}</section>`;
}

function parameters(query: z.ZodType): string {
  const { properties = {} } = jsonSchema(query, 'input') as { properties?: Record<string, { description?: string }> };
  return table(
    ['Parameter', ''],
    Object.entries(properties).map(([name, { description = '' }]) => [code(name), prose(description)]),
  );
}

const details = (summary: string, html: string): string => `<details><summary>${escape(summary)}</summary>${html}</details>`;

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io,
    override: ({ jsonSchema: one }) => {
      if (one.format === 'date-time') delete one.pattern;
    },
  });
  return rest;
}
