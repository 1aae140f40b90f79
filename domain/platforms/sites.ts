import type { Site, Target } from '../deploy/plan.ts';
import { specOf } from './index.ts';

/** Returns every public address that serves the release. */
export const sitesOf = (target: Target): Site[] => specOf(target).sites(target);

/** Returns the health address of every site, for requests from outside. */
export const healthOf = (target: Target): Site[] => specOf(target).health(target);
