import { CONTRACT_CASES } from '../../contract/contractCases.ts';
import { resetDamon } from '../../contract/damonFiles.ts';
import { createGuestKernel } from './guestKernel.ts';
import { createReport } from './report.ts';
import { runCases } from './runCases.ts';

await runCases(CONTRACT_CASES, createGuestKernel(), resetDamon, createReport());
process.exit(0);
