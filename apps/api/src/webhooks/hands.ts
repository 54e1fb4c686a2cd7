/** How many are at work for each of many at once. */
export interface Hands {
  /** Null: all that may work for it do. Else to be called when the work is done. */
  take(whom: string): (() => void) | null;
}

export function createHands(most: number): Hands {
  const busy = new Map<string, number>();
  return {
    take(whom) {
      const taken = busy.get(whom) ?? 0;
      if (taken >= most) return null;
      busy.set(whom, taken + 1);
      return () => {
        const left = (busy.get(whom) ?? 1) - 1;
        if (left > 0) busy.set(whom, left);
        else busy.delete(whom);
      };
    },
  };
}
