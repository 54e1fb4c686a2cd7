import type { Admission, AdmissionRequest, Admitted, Place } from '../ports/admission.js';

export async function granted(answer: Promise<Admitted>): Promise<Extract<Admitted, { verdict: 'granted' }>> {
  const admitted = await answer;
  if (admitted.verdict !== 'granted') throw new Error(`it was not granted: ${JSON.stringify(admitted)}`);
  return admitted;
}

export async function placesAfter(admission: Admission, asked: AdmissionRequest): Promise<Place[]> {
  await granted(admission.ask(asked));
  return admission.places(asked.account);
}
