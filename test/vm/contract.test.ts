import { CONTRACT_CASES } from '../contract/contractCases.ts';
import { describeCases } from './describeCases.ts';

describeCases('DAMON of Linux', CONTRACT_CASES, { job: 'contract', timeoutSeconds: 900 });
