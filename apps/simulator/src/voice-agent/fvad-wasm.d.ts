/** The package has no types of its own. Pointers are numbers; every call answers -1 on a bad argument. */
declare module '@echogarden/fvad-wasm' {
  export interface Fvad {
    /** A view of the module's memory; a new one after the memory has grown. */
    readonly HEAP16: Int16Array;
    _fvad_new(): number;
    _fvad_free(vad: number): void;
    _fvad_reset(vad: number): void;
    /** @param mode 0 takes most for voice, 3 least */
    _fvad_set_mode(vad: number, mode: number): number;
    _fvad_set_sample_rate(vad: number, rateHz: number): number;
    /** 1 voice, 0 none. @param length samples: 10, 20 or 30 ms of them */
    _fvad_process(vad: number, samples: number, length: number): number;
    _malloc(bytes: number): number;
  }
  export default function fvad(): Promise<Fvad>;
}
