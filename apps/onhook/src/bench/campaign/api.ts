import type { FaultHouse } from '../fault-house.js';

/** What the bench reads of a campaign. */
export interface BenchCampaign {
  readonly id: string;
  readonly status: string;
  readonly ledger: { readonly contacts: number; readonly pending: number; readonly done: number; readonly balanced: boolean };
}

export async function callApi<T>(house: FaultHouse, method: string, where: string, body?: unknown): Promise<T> {
  const response = await fetch(house.apiUrl + where, {
    method,
    headers: { Authorization: `Bearer ${house.apiKey}`, ...(body !== undefined && { 'Content-Type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(60_000),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${where} was answered ${response.status}: ${text.slice(0, 500)}`);
  return JSON.parse(text) as T;
}
