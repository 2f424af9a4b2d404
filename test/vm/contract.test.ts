import { CONTRACT_CASES } from '../contract/contractCases.ts';
import { createGuests, describeCases } from './describeCases.ts';

describeCases(
  'DAMON of Linux',
  CONTRACT_CASES,
  createGuests({ job: 'contract', timeoutSeconds: 900 }),
);
