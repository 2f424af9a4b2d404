import { createGuests, describeCases } from './describeCases.ts';
import { SERVE_CASES } from './guest/serve/serveCases.ts';

describeCases(
  'the built program on Linux',
  SERVE_CASES,
  createGuests({ job: 'serve', timeoutSeconds: 1200 }),
);
