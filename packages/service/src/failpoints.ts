import { ConfigError } from './config.js';
import type { Logger } from './logger.js';

/**
 * Puts a named place before and after every call that a process makes through a port: what happens if it dies right there?
 * The place is `<port>.<method>:before` or `:after`, with the `type` or `queue` of an argument that has one behind the method:
 * `calls.apply(dial-started):after`. `after` means: answered, and nobody here has heard of it yet.
 *
 * Unless armed it returns the port itself: it costs nothing.
 */
export type Failpoints = <Port extends object>(name: string, port: Port) => Port;

interface Arming {
  readonly act: 'kill' | 'freeze' | 'throw';
  /** The how-manyth pass it waits for, from 1. */
  readonly pass: number;
}

export class FailpointHit extends Error {
  readonly code = 'failpoint';
  constructor(place: string) {
    super(`failpoint ${place} was armed to throw`);
    this.name = 'FailpointHit';
  }
}

interface FailpointDeps {
  readonly logger: Pick<Logger, 'warn'>;
  /** Sends a signal to this process. */
  readonly signal?: (name: 'SIGKILL' | 'SIGSTOP') => void;
}

/**
 * Reads `FAILPOINTS`: `place=act[@pass]`, comma-separated; `act` is `kill` (SIGKILL to this process), `freeze` (SIGSTOP, until somebody sends
 * SIGCONT) or `throw`; each is carried out once, at the `pass`th time that the place is reached (the first).
 *
 * @throws ConfigError for what cannot be read, and for any arming at all in production
 */
export function armFailpoints(
  { FAILPOINTS: spec, NODE_ENV }: NodeJS.ProcessEnv,
  { logger, signal = (name) => process.kill(process.pid, name) }: FailpointDeps,
): Failpoints {
  if (!spec) return (_, port) => port;
  if (NODE_ENV === 'production') throw new ConfigError(['FAILPOINTS: is for tests, and refused in production']);
  const armed = readSpec(spec);
  logger.warn({ failpoints: [...armed.keys()] }, 'failpoints are armed: this process will fail on purpose');
  const passes = new Map<string, number>();

  function reach(place: string): void {
    const arming = armed.get(place);
    if (!arming) return;
    const pass = (passes.get(place) ?? 0) + 1;
    passes.set(place, pass);
    if (pass !== arming.pass) return;
    logger.warn({ failpoint: place, act: arming.act, pass }, 'failpoint was hit');
    if (arming.act === 'throw') throw new FailpointHit(place);
    signal(arming.act === 'kill' ? 'SIGKILL' : 'SIGSTOP');
  }

  return function failpoints(name, port) {
    return new Proxy(port, {
      get(target, key, receiver) {
        const value: unknown = Reflect.get(target, key, receiver);
        if (typeof value !== 'function' || typeof key === 'symbol') return value;
        return (...args: unknown[]): unknown => {
          const place = `${name}.${key}${detailOf(args)}`;
          reach(`${place}:before`);
          const answer: unknown = Reflect.apply(value, target, args);
          if (!(answer instanceof Promise)) {
            reach(`${place}:after`);
            return answer;
          }
          return answer.then((given: unknown) => {
            reach(`${place}:after`);
            return given;
          });
        };
      },
    });
  };
}

function detailOf(args: readonly unknown[]): string {
  for (const arg of args) {
    const { type, queue } = Object(arg) as { type?: unknown; queue?: unknown };
    if (typeof type === 'string') return `(${type})`;
    if (typeof queue === 'string') return `(${queue})`;
  }
  return '';
}

const FORM = /^([\w.-]+\.[\w-]+(?:\([\w-]+\))?:(?:before|after))=(kill|freeze|throw)(?:@([1-9]\d{0,5}))?$/;

function readSpec(spec: string): Map<string, Arming> {
  return new Map(
    spec.split(',').map((part) => {
      const [, place, act, pass = '1'] = FORM.exec(part.trim()) ?? [];
      if (!place || !act)
        throw new ConfigError([
          'FAILPOINTS: must be port.method[(detail)]:before|after=kill|freeze|throw[@pass], comma-separated',
        ]);
      return [place, { act: act as Arming['act'], pass: Number(pass) }];
    }),
  );
}
