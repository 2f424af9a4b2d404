import { createGuests, describeCases } from './describeCases.ts';
import { SCHEMES_CASES } from './guest/schemes/schemesCases.ts';

describeCases(
  'schemes on Linux',
  SCHEMES_CASES,
  createGuests({ job: 'schemes', timeoutSeconds: 1200 }),
);
