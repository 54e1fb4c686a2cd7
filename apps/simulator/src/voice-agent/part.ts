/** What a response consists of, one after another. */
export type Part =
  | { type: 'say'; text: string; farewell: boolean }
  | { type: 'call'; name: string; arguments: string }
  /** Nothing is generated for so long. */
  | { type: 'wait'; ms: number };
