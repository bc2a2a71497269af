import { liveSource } from "../liveSource.js";
import { originPart } from "../originPart.tsx";
import { type Part, renderPage } from "../page.tsx";
import { findingsPart, nextPart, overviewPart } from "./findingsParts.tsx";
import { parameterParts } from "./parameterParts.tsx";
import { curvesPart, progressPart } from "./scoreParts.tsx";
import type { StudyPageData } from "./studyPageData.ts";
import { trialsPart } from "./trialsPart.tsx";

/** The page of a study: what it has found, in words and in charts, and all of its trials. */
export function studyPage(data: StudyPageData): string {
  const parts: readonly (Part | undefined)[] = [
    overviewPart(data),
    findingsPart(data),
    progressPart(data),
    ...parameterParts(data),
    curvesPart(data),
    trialsPart(data),
    nextPart(data),
    originPart({ commands: data.commands, hashes: [] }),
  ];
  return renderPage({
    title: `Study ${data.name}`,
    parts: parts.filter((part) => part !== undefined),
    script: liveSource,
  });
}
