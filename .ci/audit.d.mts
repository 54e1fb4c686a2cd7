export function judgeAudit(text: string): { readonly code: 0 | 1 | 3; readonly said: string };
