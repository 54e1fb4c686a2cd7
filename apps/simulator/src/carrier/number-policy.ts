import { refusals, type TwilioError } from './errors.js';
import { readNumber } from './phone-number.js';

/** Whom the account may call, and as whom. */
export interface NumberPolicy {
  /** Numbers that the account may call from; any valid one if not given. */
  ownedNumbers?: ReadonlySet<string> | undefined;
  /** A trial account: it may call these only (Twilio error 21219). */
  verifiedNumbers?: ReadonlySet<string> | undefined;
  /** Beginnings of the numbers that may be called, `+1` (Twilio error 21215); all if not given. */
  permittedPrefixes?: readonly string[] | undefined;
  /** Whether the magic numbers of test credentials are refused; recalled, not verified, but for +15005550006. Default: yes. */
  refusesMagicNumbers?: boolean | undefined;
}

/** What Twilio's test credentials know of: a number for each refusal. */
const magicCallees: Readonly<Record<string, (number: string) => TwilioError>> = {
  '+15005550001': refusals.notANumber,
  '+15005550002': refusals.unreachable,
  '+15005550003': refusals.noPermission,
  '+15005550004': refusals.blocked,
};
const magicCaller = '+15005550006';

/** Why a create may not call `from` → `to`; `undefined`: it may. */
export function checkNumbers(to: string, from: string, policy: NumberPolicy): TwilioError | undefined {
  const caller = readNumber(from);
  const callee = readNumber(to);
  if (!callee) return refusals.badTo(to);
  if (!caller || (caller === '+15005550001' && policy.refusesMagicNumbers !== false)) return refusals.badFrom(from);
  if (!isOwned(caller, policy)) return refusals.fromNotYours(from);
  if (callee === caller) return refusals.badTo(to);
  return checkCallee(callee, policy);
}

/** @param caller in E.164 */
export function isOwned(caller: string, { ownedNumbers }: NumberPolicy): boolean {
  return caller.startsWith('+1500555') ? caller === magicCaller : ownedNumbers === undefined || ownedNumbers.has(caller);
}

/** @param callee in E.164 */
export function checkCallee(callee: string, policy: NumberPolicy): TwilioError | undefined {
  const { verifiedNumbers, permittedPrefixes, refusesMagicNumbers = true } = policy;
  if (permittedPrefixes && !permittedPrefixes.some((prefix) => callee.startsWith(prefix))) return refusals.noPermission(callee);
  if (verifiedNumbers && !verifiedNumbers.has(callee)) return refusals.unverified(callee);
  return refusesMagicNumbers ? magicCallees[callee]?.(callee) : undefined;
}
