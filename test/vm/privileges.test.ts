import { createGuests, describeCases } from './describeCases.ts';
import { PRIVILEGE_CASES } from './guest/privileges/privilegeCases.ts';

describeCases(
  'privileges on Linux',
  PRIVILEGE_CASES,
  createGuests({ job: 'privileges', timeoutSeconds: 900 }),
);
