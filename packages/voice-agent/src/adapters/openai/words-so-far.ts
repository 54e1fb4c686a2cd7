/** Transcripts come in pieces: what each item's words are so far. */
export interface WordsSoFar {
  /** @returns the whole text, as far as it is known */
  add(role: 'agent' | 'callee', piece: { readonly itemId: string; readonly text: string; readonly final: boolean }): string;
}

export function createWordsSoFar(): WordsSoFar {
  const words = { agent: new Map<string, string>(), callee: new Map<string, string>() };
  return {
    add(role, { itemId, text, final }) {
      const soFar = words[role];
      // The last word is the whole text, and may differ from its pieces.
      const whole = final ? text : `${soFar.get(itemId) ?? ''}${text}`;
      if (final) soFar.delete(itemId);
      else soFar.set(itemId, whole);
      return whole;
    },
  };
}
