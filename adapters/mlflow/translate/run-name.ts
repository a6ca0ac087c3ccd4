import { randomInt } from 'node:crypto';

const adjectives =
  `amber bold brisk calm clear copper crisp eager early fair fleet fond gentle glad golden grand hardy
  hazel jolly keen kind lively lucid mellow merry mild neat nimble noble plain proud quick quiet rapid
  ready silver sleek smart snowy solid spry stout sunny swift tidy vivid warm wise`.split(/\s+/);

const nouns = `badger beaver bison bream crane cricket curlew dolphin dormouse eider falcon ferret finch gecko
  grebe hare heron hoopoe ibex jackdaw kestrel lark lemur linnet lynx marmot marten merlin mole newt
  oriole osprey otter perch pika plover puffin quail raven robin seal shrew skylark stoat swift tern
  vole wren`.split(/\s+/);

/** A name for a run whose client gives it none: an adjective, an animal and a number below 1000. */
export function randomRunName(random: (below: number) => number = randomInt): string {
  return `${adjectives[random(adjectives.length)]}-${nouns[random(nouns.length)]}-${random(1000)}`;
}
