/** In what ways a Redis that works may still forget what it has answered. An operator who can live with one says its name. */
export const WEAKNESSES = {
  'no-append-only-file': 'Redis keeps no append-only file (appendonly no): accepted calls are lost when it stops',
  'appendfsync-everysec':
    'Redis writes to disk late (appendfsync everysec): a power cut can take back the last second of accepted and dialed calls',
  'appendfsync-no':
    'Redis leaves it to the system when to write to disk (appendfsync no): a power cut can take back half a minute of accepted and dialed calls',
  'appendfsync-unknown':
    'appendfsync could not be read (CONFIG is refused): unless it is always, a power cut can take back calls',
  'failover-without-wait':
    'Redis can fail over, and no commit waits for a replica (WAIT_REPLICAS=0): a failover can take back the last accepted and dialed calls',
} as const;

export type Weakness = keyof typeof WEAKNESSES;

/** The weaknesses that are accepted; none is what the promise needs. */
export type Durability = readonly Weakness[];

const ALL = Object.keys(WEAKNESSES) as Weakness[];

/**
 * `strong` (nothing is accepted), `weak` (everything), or the names of what is, commas between.
 *
 * @throws RangeError that lists the words there are
 */
export function readDurability(text: string): Durability {
  if (text === 'strong') return [];
  if (text === 'weak') return ALL;
  const named = text.split(',').map((name) => name.trim());
  if (!named.every((name): name is Weakness => Object.hasOwn(WEAKNESSES, name))) {
    throw new RangeError(`must be strong, weak, or some of ${ALL.join(', ')}, with commas between`);
  }
  return named;
}
