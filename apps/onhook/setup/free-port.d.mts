/** A free port on the loopback interface, below the kernel's range for outgoing connections. */
export function freePort(options?: { alsoFree?: number; taken?: Set<number> }): Promise<number>;

export function isFree(port: number, host?: string): Promise<boolean>;
