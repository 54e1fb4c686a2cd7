import { fail, ok, reasonOf, warn, type Finding } from './check.js';

const WITHIN_MS = 10_000;

/** Whether the provider of the voice knows our key. No session is opened: it would cost money. */
export async function checkAgentKey(apiKey: string, realtimeUrl: string): Promise<Finding> {
  const url = new URL(realtimeUrl.replace(/^ws/, 'http'));
  url.pathname = '/v1/models';
  url.search = '';
  try {
    const { status } = await fetch(url, {
      headers: { Authorization: `Bearer ${apiKey}` },
      signal: AbortSignal.timeout(WITHIN_MS),
    });
    if (status === 200) return ok('Voice agent', 'the key is good');
    if (status === 401 || status === 403)
      return fail('Voice agent', 'the key is refused', 'Put a key of the provider into OPENAI_API_KEY.');
    if (status === 429) return fail('Voice agent', 'the account has no quota left', 'Add credit at the provider, or wait.');
    return warn('Voice agent', `the provider answered ${status}`, 'The key could not be checked: place a call to yourself.');
  } catch (error) {
    return fail('Voice agent', `cannot be reached (${reasonOf(error)})`, 'Let this machine reach the provider on port 443.');
  }
}

/** @param load throws an error that names the file and the mistake */
export async function checkAgentFiles(load: () => Promise<{ size: number }>): Promise<Finding> {
  try {
    const { size } = await load();
    return size === 0
      ? fail('Agents', 'there is not one', 'Put a file into AGENTS_DIR: docs/agents.md.')
      : ok('Agents', `${size} found`);
  } catch (error) {
    return fail('Agents', reasonOf(error), 'Correct the file: docs/agents.md.');
  }
}
