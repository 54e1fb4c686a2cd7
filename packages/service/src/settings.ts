import { z } from 'zod';

/** Settings that several processes read from the same variable: one text and one rule for each. */

/** Stands before every key of ours in Redis. */
export const keyPrefix = z
  .string()
  .regex(/^[a-z0-9-]{1,32}$/, 'must be 1 to 32 lower-case letters, digits or hyphens')
  .default('onhook');

/** Of the carrier account whose limits count; all processes of a deployment say the same. */
export const accountName = z
  .string()
  .regex(/^[a-z0-9-]{1,32}$/, 'must be 1 to 32 lower-case letters, digits or hyphens')
  .default('default');

export const twilioAccountSid = z.string().regex(/^AC[0-9a-fA-F]{32}$/, 'must be AC and 32 hexadecimal digits');

/** The numbers that are called from. */
export const fromNumbers = z
  .string()
  .transform((list) => list.split(',').map((number) => number.trim()))
  .pipe(z.array(z.e164('must be a comma-separated list of numbers like +14155550100')).min(1));

/** Text that something else knows how to read; what that throws is what is wrong with it. */
export const readBy = <T>(read: (text: string) => T): z.ZodType<T, string> =>
  z.string().transform((text, context) => {
    try {
      return read(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
      return z.NEVER;
    }
  });
