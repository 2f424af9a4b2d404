import { systemClock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import type { WebConfigHealth } from '../../damon/observation.ts';
import type { WebAccess } from '../../server/app.ts';
import { BcryptThread } from '../../server/bcryptThread.ts';
import { createGuard } from '../../server/guard.ts';
import type { ListenSecurity } from '../../server/listen.ts';
import { createPasswordChecker } from '../../server/passwordChecker.ts';
import { createWebState } from '../../server/webState.ts';

/** What a web configuration makes of the servers. */
export interface ServedAccess extends WebAccess, ListenSecurity {
  readonly health: () => WebConfigHealth;
  readonly stop: () => void;
}

/** @throws ExporterError when the file is not good. */
export function createServedAccess(path: string, logger: Logger): ServedAccess {
  const state = createWebState({ path, wallMs: () => systemClock.wallMs(), logger });
  const thread = new BcryptThread();
  const passwords = createPasswordChecker(thread);
  return {
    guard: createGuard({ readConfig: () => state.read().config, passwords, clock: systemClock }),
    readHeaders: () => state.read().config.headers,
    readTls: () => state.read().tls,
    logger,
    health: state.health,
    stop: () => {
      thread.stop();
    },
  };
}
