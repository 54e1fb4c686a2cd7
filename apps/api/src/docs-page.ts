import { CAUSES, createCallBody, DISPOSITIONS, endCallBody, LAYERS, PARTIES, STATUSES, WAIT_REASONS } from '@onhook/contracts';
import { z } from 'zod';
import { FIELD_ERRORS, PROBLEMS } from './problems.js';

const ENDPOINTS: readonly (readonly [string, string, string])[] = [
  [
    'POST /v1/calls',
    '201',
    'Accept one call. Location names it. With an Idempotency-Key the same request can be repeated safely: the answer is the first call, with Idempotency-Replayed: true.',
  ],
  ['GET /v1/calls?limit=50&cursor=…', '200', 'Calls, newest first: data and nextCursor. limit is at most 200.'],
  ['GET /v1/calls/{id}', '200', 'One call, with its timeline.'],
  ['GET /v1/calls/{id}/timeline', '200', 'The timeline alone: what happened, when, told by whom, and what it changed.'],
  [
    'POST /v1/calls/{id}/end',
    '202',
    'End the call: cancel it before it is dialed, hang up after. Body: { "message": "optional last words" }, which the agent says first if it is in the conversation.',
  ],
  [
    'GET /v1/calls/{id}/transcript',
    '200',
    'What was said, as it was heard; what was silenced before it was heard is told apart.',
  ],
  [
    'POST /v1/end-all',
    '202',
    'The kill switch: end every call that is up, and dial nothing more until PUT /v1/dialing says so. Body: { "confirm": "end-all-calls" }; with "stopDialing": false dialing goes on.',
  ],
  [
    'GET, PUT /v1/dialing',
    '200',
    'Whether anything is dialed: { "enabled": true }. Calls that wait are dialed again once it is.',
  ],
  ['GET /v1/calls/{id}/recording', '200', 'The recording as stereo WAV, with Range.'],
  ['POST /carrier/twilio/status/{callId}/{attempt}', '204', 'Status callbacks, for the carrier only: the signature is checked.'],
  ['GET /healthz', '200', 'This process runs.'],
  ['GET /readyz', '200', 'Calls can be accepted; says which of dialer, hangup and gateway are missing.'],
  ['GET /queues', '200', 'Bull Board, to look at: HTTP Basic, any user, an API key as password.'],
];

export const DOCS_STYLE = `
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}body{max-width:64rem;margin:2rem auto;padding:0 1rem}
code,pre{font:.9em/1.45 ui-monospace,monospace}pre{padding:1rem;overflow:auto;border:1px solid #8885;border-radius:.4rem}
table{border-collapse:collapse;width:100%;margin:1rem 0}th,td{text-align:left;vertical-align:top;padding:.35rem .6rem;border-bottom:1px solid #8884}
tr:target{background:#fd05}h2{margin-top:2.5rem}td:first-child{white-space:nowrap}@media(max-width:40rem){td:first-child{white-space:normal;overflow-wrap:anywhere}}
`;

/** Built from the same tables that the code runs on, so that it cannot say something else. */
export function docsHtml(): string {
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
<p>JSON in and out, camelCase fields, times in ISO 8601 UTC, numbers in E.164. Unknown fields are refused. Every answer carries an X-Request-Id.</p>
<h2>Endpoints</h2>
${table(
  ['Endpoint', 'Success', ''],
  ENDPOINTS.map(([endpoint, status, doc]) => [code(endpoint), status, escape(doc)]),
)}
<h2>Body of POST /v1/calls</h2>
<p>Only <code>to</code> is required. <code>from</code> is one of the configured numbers; <code>agentId</code> may be left out if there is one agent.</p>
<pre>${escape(JSON.stringify(jsonSchema(createCallBody), null, 2))}</pre>
<h2>Body of POST /v1/calls/{id}/end</h2>
<pre>${escape(JSON.stringify(jsonSchema(endCallBody), null, 2))}</pre>
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
  ['Cause', 'Group', 'Hint'],
  Object.entries(CAUSES).map(([cause, { group, hint }]) => [code(cause), code(group), escape(hint)]),
  'cause',
)}
<h2>Reasons to wait</h2>
<p>Why a call is not dialed yet: <code>waitReason</code>, its <code>hint</code>, and until when, as far as known, <code>nextAttemptAt</code>.</p>
${table(
  ['Reason', 'Hint'],
  Object.entries(WAIT_REASONS).map(([reason, { hint }]) => [code(reason), escape(hint)]),
  'wait',
)}
<h2>Problems</h2>
<p>Whatever is not a success is <code>application/problem+json</code> (RFC 9457). Switch on <code>code</code>.</p>
${table(
  ['Code', 'Status', ''],
  Object.entries(PROBLEMS).map(([name, { status, doc }]) => [code(name), String(status), escape(doc)]),
  'problem',
)}
<h2>Field errors</h2>
<p><code>errors[].code</code> of <code>validation-failed</code>; <code>errors[].pointer</code> is a JSON pointer into the body.</p>
${table(
  ['Code', ''],
  Object.entries(FIELD_ERRORS).map(([name, doc]) => [code(name), escape(doc)]),
  'field',
)}
</body></html>
`;
}

function jsonSchema(schema: z.ZodType): unknown {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input' });
  return rest;
}

/** `anchor`: each row can be linked to as `#anchor-<first cell>`. */
function table(head: readonly string[], rows: readonly (readonly string[])[], anchor?: string): string {
  const id = (row: readonly string[]): string => (anchor ? ` id="${anchor}-${(row[0] ?? '').replace(/<[^>]+>/g, '')}"` : '');
  const cells = (row: readonly string[], tag: string): string => row.map((cell) => `<${tag}>${cell}</${tag}>`).join('');
  return `<table><thead><tr>${cells(head, 'th')}</tr></thead><tbody>${rows.map((row) => `<tr${id(row)}>${cells(row, 'td')}</tr>`).join('')}</tbody></table>`;
}

const code = (text: string): string => `<code>${escape(text)}</code>`;

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
