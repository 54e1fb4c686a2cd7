import type { House } from './house.js';

/** What a user who has just started Onhook can do next. */
export function welcome(house: House): string[] {
  const curl = [
    `curl -X POST ${house.apiUrl}/v1/calls \\`,
    `    -H 'Authorization: Bearer ${house.apiKey}' -H 'Content-Type: application/json' \\`,
    `    -d '{"to":"+14155552671","agentId":"demo"}'`,
  ];
  return [
    '',
    `  API         ${house.apiUrl}/v1/calls`,
    `  API docs    ${house.apiUrl}/docs`,
    `  Bull Board  ${house.apiUrl}/queues   (user: any, password: the API key)`,
    `  API key     ${house.apiKey}`,
    `  Recordings  ${house.recordingsDir}`,
    `  Logs        ${house.logsDir}`,
    '',
    '  Place a call yourself:',
    ...curl.map((line) => `  ${line}`),
    '',
    '  Ctrl-C stops everything.',
  ];
}
