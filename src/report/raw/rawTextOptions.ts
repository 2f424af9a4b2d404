/** `seed`: lines as damo wrote them up to 1.2.8. `table`: its later columns, with the age. */
export type RawLayout = 'seed' | 'table';

export interface RawTextOptions {
  readonly layout: RawLayout;
  /** Times and sizes in ns and bytes instead of human units. */
  readonly isRaw: boolean;
}
