import { LivePage } from './livePage.ts';

new LivePage().start();
