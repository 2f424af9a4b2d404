/** How the stream of events stands. */
export type ConnectionState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  /** Tries again after this time. */
  | { readonly kind: 'lost'; readonly reason: string; readonly retryMs: number };
