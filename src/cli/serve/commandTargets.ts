import { UsageError } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import type { DamonConfig } from '../../config/config.ts';
import { describeFailure, startStopped } from '../record/commandProcess.ts';
import type { CommandProcess } from '../record/commandProcess.ts';

/** Commands that a configuration file has this program run, as monitoring targets. */
export interface CommandTargets {
  /** Of those that live, by their text. */
  listPids(): ReadonlyMap<string, number>;
  /**
   * Starts those that are new, each stopped at its very beginning; one that has ended before is not
   * started again.
   *
   * @throws UsageError for a command that is not there; none of the new ones runs then.
   */
  prepare(config: DamonConfig): Promise<void>;
  /** Lets those run that were prepared. */
  resume(): void;
  /** Forgets what was prepared since the last `resume`. */
  abandon(): void;
  /** Ends those that a configuration does not name; undefined: all. Waits for their end. */
  endOthers(config: DamonConfig | undefined): Promise<void>;
}

function listCommands(config: DamonConfig | undefined): ReadonlySet<string> {
  return new Set(
    (config?.kdamonds ?? []).flatMap(({ targets }) =>
      targets.kind === 'processes'
        ? targets.targets.flatMap(({ selector }) =>
            selector.kind === 'command' ? [selector.command] : [],
          )
        : [],
    ),
  );
}

interface StartedCommand {
  readonly process: CommandProcess;
  isPrepared: boolean;
  hasEnded: boolean;
}

/** @param canRun False on a simulated kernel, which runs no commands. */
export function createCommandTargets(logger: Logger, canRun: boolean): CommandTargets {
  const commands = new Map<string, StartedCommand>();
  const start = async (command: string): Promise<void> => {
    if (!canRun) {
      throw new UsageError(`target "${command}": a simulated kernel runs no commands`);
    }
    const started: StartedCommand = {
      process: await startStopped(command),
      isPrepared: true,
      hasEnded: false,
    };
    commands.set(command, started);
    logger.info('started a command', { command, pid: started.process.pid });
    void started.process.ended.then((end) => {
      started.hasEnded = true;
      const how = describeFailure(end);
      logger.info('a command has ended', { command, how: how === '' ? undefined : how });
    });
  };
  const abandon = (): void => {
    for (const [command, { isPrepared, process }] of commands) {
      if (isPrepared && process.abandon()) commands.delete(command);
    }
  };
  return {
    abandon,
    listPids: () =>
      new Map(
        Array.from(commands)
          .filter(([, { hasEnded }]) => !hasEnded)
          .map(([command, { process }]) => [command, process.pid]),
      ),
    prepare: async (config) => {
      try {
        for (const command of listCommands(config)) {
          if (!commands.has(command)) await start(command);
        }
      } catch (error) {
        abandon();
        throw error;
      }
    },
    resume: () => {
      for (const command of commands.values()) {
        if (!command.isPrepared) continue;
        command.isPrepared = false;
        command.process.resume();
      }
    },
    endOthers: async (config) => {
      const named = listCommands(config);
      const others = [...commands].filter(([command]) => !named.has(command));
      for (const [command, { process, hasEnded }] of others) {
        commands.delete(command);
        if (!hasEnded) process.signal('SIGTERM');
      }
      await Promise.all(others.map(([, { process }]) => process.ended));
    },
  };
}
