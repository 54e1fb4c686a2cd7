/** API keys as they are kept: nothing here opens anything. */
export interface ApiKeys {
  /** Makes it, or replaces the one with its id. */
  put(key: KeptApiKey): Promise<void>;
  find(id: string): Promise<KeptApiKey | null>;
  /** Oldest first, each with the moment of its last use as far as `used` has said it. */
  list(): Promise<(KeptApiKey & { readonly lastUsedAt: number | null })[]>;
  /** @returns false if there was none */
  remove(id: string): Promise<boolean>;
  used(id: string, at: number): Promise<void>;
}

export interface KeptApiKey {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly createdAt: number;
  /** Null: it does not end by itself. */
  readonly expiresAt: number | null;
  /** SHA-256 of the whole key: 256 random bits need no salt and no slow hash. */
  readonly hash: string;
  /** The one before it, which opens until then. */
  readonly previous: { readonly hash: string; readonly until: number } | null;
}
