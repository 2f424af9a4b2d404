import { startLivePage } from './livePage.ts';

startLivePage();
