import { previousReleases, refusedReleases } from './previous-releases.ts';

refusedReleases(previousReleases.filter(({ always }) => !always));
