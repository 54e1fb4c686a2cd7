/** One line a breach: place, rule, what to do instead. */
export function houseRules(root: string): string[];
