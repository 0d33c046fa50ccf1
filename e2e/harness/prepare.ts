import { packageServices } from '#local/packaging/package-services';
import { SAMPLES, type SampleName, sampleEpisode } from './sample-episodes.ts';

/** Runs once before all end-to-end tests, so that none of them pays for what all of them need. */
export default async function prepare(): Promise<void> {
  await packageServices();
  for (const name of Object.keys(SAMPLES) as SampleName[]) await sampleEpisode(name);
}
