import type { Logger } from '../base/log.ts';
import type { OwnershipStore } from './ownership.ts';
import type { ReconcileDeps } from './runningKdamond.ts';

export interface OwnershipDeps extends ReconcileDeps {
  readonly logger: Logger;
  readonly store: OwnershipStore;
}
