/** A scanner: studies that differ from another in who they are of, sent by dcmtk. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { runProgram } from './processes.js';

const ROOT = '1.2.826.0.1.3680043.10.543.77';

/** The Study Instance UID under which a patient is sent; that of the series is one step below. */
export const studyUidOf = ({ number }) => `${ROOT}.${number}`;

/**
 * Makes a study of a new patient from the instances of another one, and sends it by C-STORE.
 *
 * @param {Buffer[]} instances Whole files.
 * @param {{ number: number, name: string, patientId: string, sex: string, birthDate: string, bodyPart?: string }} patient
 * @param {{ folder: string, port: number }} to
 * @param {(index: number) => string[]} more What else is another in an instance, as `(gggg,eeee)=value`.
 */
export async function sendStudy(instances, patient, to, more = () => []) {
  const folder = path.join(to.folder, String(patient.number));
  await mkdir(folder, { recursive: true });
  const study = studyUidOf(patient);
  const files = [];
  for (const [index, bytes] of instances.entries()) {
    const file = path.join(folder, `${index}.dcm`);
    await writeFile(file, bytes);
    await runProgram('dcmodify', [
      ...['--no-backup', '--insert', `(0020,000d)=${study}`, '--insert', `(0020,000e)=${study}.1`],
      ...['--insert', `(0008,0018)=${study}.1.${index + 1}`, '--insert', `(0020,0052)=${study}.2`],
      ...['--insert', `(0010,0010)=${patient.name}`, '--insert', `(0010,0020)=${patient.patientId}`],
      ...['--insert', `(0010,0040)=${patient.sex}`, '--insert', `(0010,0030)=${patient.birthDate}`],
      ...['--insert', `(0008,0050)=ACC${patient.number}`],
      ...(patient.bodyPart ? ['--insert', `(0018,0015)=${patient.bodyPart}`] : []),
      ...more(index).flatMap((attribute) => ['--insert', attribute]),
      file,
    ]);
    files.push(file);
  }
  // What is refused is told of each object; a scanner sends the others all the same.
  const parameters = ['--no-halt', '-aet', 'STORYCT', '-aec', 'COUNTERSIGN', '127.0.0.1', String(to.port)];
  await runProgram('storescu', [...parameters, ...files]);
}
