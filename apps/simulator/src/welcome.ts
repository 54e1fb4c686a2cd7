import { defaultAuthToken, type Simulator } from './start-simulator.js';

/** What a person needs who has just started it. A token of one's own is not shown. */
export function welcomeText({ url, agentUrl, tlsUrl, proxyUrl, caFile, accountSid, authToken }: Simulator): string {
  const isOwnToken = authToken !== defaultAuthToken;
  return [
    '',
    `  Twilio REST API     ${url}`,
    `  OpenAI Realtime     ${agentUrl}`,
    `  Account SID         ${accountSid}`,
    `  Auth token          ${isOwnToken ? '(the one you gave)' : authToken}`,
    `  Live calls, ledger  ${url}/simulator/`,
    ...(tlsUrl === undefined ? [] : [`  HTTPS               ${tlsUrl} (also as api.twilio.com, api.openai.com)`]),
    ...(proxyUrl === undefined ? [] : [`  Proxy               HTTPS_PROXY=${proxyUrl} HTTP_PROXY=${proxyUrl}`]),
    ...(caFile === undefined ? [] : [`  Its CA              NODE_EXTRA_CA_CERTS=${caFile}`]),
    '',
    '  A call that somebody answers:',
    `    curl -s -u '${accountSid}:${isOwnToken ? '…' : authToken}' ${url}/2010-04-01/Accounts/${accountSid}/Calls.json \\`,
    `      --data-urlencode To=+14155550100 --data-urlencode From=+15005550006 \\`,
    `      --data-urlencode 'Twiml=<Response><Say>Hello</Say><Pause length="5"/></Response>'`,
    '',
    '  What became of it:',
    `    curl -s ${url}/simulator/ledger`,
    '',
    '',
  ].join('\n');
}
