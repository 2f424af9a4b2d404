import yargs from 'yargs';
import type { Argv, ParserConfigurationOptions } from 'yargs';
import { EXIT_STATUS, ExporterError, UsageError, describeError } from '../base/errors.ts';
import { applyCommand } from './commands/apply.ts';
import { checkCommand } from './commands/check.ts';
import { convertCommand } from './commands/convert.ts';
import { doctorCommand } from './commands/doctor.ts';
import { fmtJsonCommand } from './commands/fmtJson.ts';
import { planCommand } from './commands/plan.ts';
import { recordCommand } from './commands/record.ts';
import { reportCommand } from './commands/report.ts';
import { schemesCommand } from './commands/schemes.ts';
import { serveCommand } from './commands/serve.ts';
import { startCommand } from './commands/start.ts';
import { statusCommand } from './commands/status.ts';
import { stopCommand } from './commands/stop.ts';
import { translateDamosCommand } from './commands/translateDamos.ts';
import { tuneCommand } from './commands/tune.ts';
import { joinOptionWords } from './damos/optionWords.ts';
import { readPackageInfo } from './packageInfo.ts';

const EPILOGUE = `Exit status: ${EXIT_STATUS.ok} done, ${EXIT_STATUS.failure} it did not work, ${EXIT_STATUS.usage} wrong command line, ${EXIT_STATUS.config} wrong configuration, ${EXIT_STATUS.kernel} the kernel lacks or refused something, ${EXIT_STATUS.record} trouble with a record, ${EXIT_STATUS.internal} a defect of this program.`;

/**
 * "--web.listen-address" is one name, "--no-x" must be declared to exist, and a repeatable option
 * takes one value: what follows it may be the target.
 */
export const PARSER_CONFIGURATION: Partial<ParserConfigurationOptions> = {
  'dot-notation': false,
  'boolean-negation': false,
  'greedy-arrays': false,
};

/** Commands with damo's options, whose numbers of words the parser cannot know. */
const DAMOS_COMMANDS: ReadonlySet<string> = new Set([
  'fmt_json',
  'fmt-json',
  'schemes',
  'start',
  'tune',
  'plan',
]);

function joinDamosWords(args: readonly string[]): readonly string[] {
  const command = args.find((word) => !word.startsWith('-'));
  return command !== undefined && DAMOS_COMMANDS.has(command) ? joinOptionWords(args) : args;
}

/** All commands; what the reference and the man page are made of, too. */
export function createParser(args: readonly string[]): Argv {
  const { name, version } = readPackageInfo();
  return yargs(joinDamosWords(args))
    .scriptName(name)
    .usage('$0 <command>\n\nPrometheus and OpenTelemetry exporter for Linux DAMON.')
    .parserConfiguration(PARSER_CONFIGURATION)
    .command(serveCommand)
    .command(statusCommand)
    .command(doctorCommand)
    .command(recordCommand)
    .command(reportCommand)
    .command(convertCommand)
    .command(schemesCommand)
    .command(startCommand)
    .command(tuneCommand)
    .command(stopCommand)
    .command(planCommand)
    .command(applyCommand)
    .command(checkCommand)
    .command(fmtJsonCommand)
    .command(translateDamosCommand)
    .completion(
      'completion',
      'print a completion script for this shell ($SHELL: bash, zsh or fish)',
    )
    .demandCommand(1, 'no command given')
    .recommendCommands()
    .strict()
    .help()
    .alias('help', 'h')
    .version(version)
    .epilogue(EPILOGUE)
    .exitProcess(false)
    .fail((message: string | null, error: Error | undefined) => {
      // What yargs itself throws while parsing is about the command line, too.
      if (error !== undefined && error.name !== 'YError') throw error;
      const problem = error?.message ?? message ?? 'the command line is wrong';
      throw new UsageError(`${problem.replaceAll(/\s*\n\s*/g, ' ')}; see --help`);
    });
}

/** The part of yargs behind `getInternalMethods` that is looked at here. */
interface ParserInternals {
  getInternalMethods?: () => {
    getUsageInstance?: () => { cacheHelpMessage?: () => void };
  };
}

/**
 * yargs makes the whole help text while each command runs, for callers that show it when the command
 * fails. Nobody does here, and it takes as long as reading a record of some thousand regions.
 */
function leaveOutHelp(parser: Argv): Argv {
  const usage = (parser as ParserInternals).getInternalMethods?.().getUsageInstance?.();
  if (usage?.cacheHelpMessage !== undefined) usage.cacheHelpMessage = () => undefined;
  return parser;
}

/**
 * Runs one command and gives the exit status. The only place that turns an error into text: one
 * sentence on stderr; a stack only for a defect of this program, and then with the advice to report
 * it.
 */
export async function runProgram(args: readonly string[]): Promise<number> {
  const { name } = readPackageInfo();
  try {
    await leaveOutHelp(createParser(args)).parseAsync();
    return Number(process.exitCode ?? EXIT_STATUS.ok);
  } catch (error) {
    if (error instanceof ExporterError) {
      process.stderr.write(`${name}: ${error.message}\n`);
      return EXIT_STATUS[error.code];
    }
    const detail = error instanceof Error ? (error.stack ?? error.message) : describeError(error);
    process.stderr.write(
      `${name}: this is a defect of ${name}, please report it with what follows\n${detail}\n`,
    );
    return EXIT_STATUS.internal;
  }
}
