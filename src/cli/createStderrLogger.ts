import { systemClock } from '../base/clock.ts';
import { createLogger } from '../base/log.ts';
import type { Logger } from '../base/log.ts';
import type { LogArguments } from './options.ts';

export function createStderrLogger(args: LogArguments): Logger {
  return createLogger({
    level: args['log.level'],
    format: args['log.format'],
    clock: systemClock,
    write: (line) => process.stderr.write(line),
  });
}
