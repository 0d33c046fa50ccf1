/**
 * Events about what is made of a finished clip, by the events' documentation (docs/events.md). Not taken from the
 * status service, whose own list is one of the things that are checked.
 */
const ABOUT_DERIVED: readonly string[] = [
  'ThumbnailsRequested',
  'ThumbnailsMade',
  'ThumbnailsFailed',
  'RenditionRequested',
  'RenditionMade',
  'RenditionOmitted',
  'RenditionFailed',
];

/** Whether an event of this type neither begins nor ends a clip. */
export const isAboutDerived = (detailType: string): boolean => ABOUT_DERIVED.includes(detailType);
