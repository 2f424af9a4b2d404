/**
 * A configuration as its author wrote it, whatever the syntax: scalars keep their text, so that no
 * 64-bit number is rounded and a message can show what was found where.
 */
export type DocumentNode = ScalarNode | ListNode | MapNode;

export interface ScalarNode {
  readonly kind: 'scalar';
  /** `number`: a number without quotes. */
  readonly type: 'text' | 'number' | 'boolean' | 'null';
  /** Without quotes and escapes, otherwise as written: `1e3`, `true`, `null`. */
  readonly text: string;
  readonly at: number;
}

export interface ListNode {
  readonly kind: 'list';
  readonly items: readonly DocumentNode[];
  readonly at: number;
}

export interface MapNode {
  readonly kind: 'map';
  /** In the order of the text; a key that is written twice is there twice. */
  readonly entries: readonly MapEntry[];
  readonly at: number;
}

export interface MapEntry {
  readonly key: string;
  readonly keyAt: number;
  readonly value: DocumentNode;
}

/** Counted from 1; columns in characters. */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

export interface ConfigDocument {
  /** What messages call it: a path, or the option that held the text. */
  readonly name: string;
  readonly root: DocumentNode;
  /** Where the `at` of a node is. */
  readonly locate: (at: number) => TextPosition;
}
