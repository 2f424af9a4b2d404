import { runServe } from '../../src/cli/serve/runServe.ts';
import { SERVE_ARGUMENTS } from '../support/serveArguments.ts';
import { openRemoteKernel } from './remoteKernel.ts';

/** `serve` on a kernel in the parent process: CONFIG_FILE STATE_FILE RECORD. */
const [configFile, stateFile = '', recordPath] = process.argv.slice(2);
await runServe(
  {
    ...SERVE_ARGUMENTS,
    'config.file': configFile,
    'state.file': stateFile,
    'record.path': recordPath,
    'record.flush-interval': '100ms',
    'record.max-size': '4M',
    'collect.interval': '50ms',
    'web.listen-address': ['127.0.0.1:0'],
    takeover: ['damon_stat', 'stopped_kdamonds'],
    given: new Set(['record.path', 'record.flush-interval', 'record.max-size', 'collect.interval']),
  },
  openRemoteKernel,
);
