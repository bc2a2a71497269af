import { useEffect, useRef, useState } from "preact/hooks";
import type { Picture } from "../../../image/picture.ts";
import { state } from "../../state.ts";
import { texts } from "../../texts.ts";

/** Milliseconds between two pictures of a burst, and pictures that are handed on together. */
const [EVERY, TOGETHER] = [125, 8];
/** Pictures are this many times larger than images of the data, but not larger than the camera's. */
const FINER = 4;

interface CameraProps {
  readonly onPictures: (pictures: readonly Picture[]) => void;
  readonly onClose: () => void;
}

/** The camera: holding the button, or a key on it, takes pictures of the middle of what it sees. */
export function Camera({ onPictures, onClose }: CameraProps) {
  const video = useRef<HTMLVideoElement>(null);
  const [problem, setProblem] = useState<string>();
  const [taken, setTaken] = useState(0);
  const burst = useBurst(video, (pictures) => {
    setTaken((count) => count + pictures.length);
    onPictures(pictures);
  });
  useEffect(() => {
    let stream: MediaStream | undefined;
    let isClosed = false;
    const open = async () => {
      const wanted = { video: { width: { ideal: 640 }, height: { ideal: 480 } }, audio: false };
      const opened = await navigator.mediaDevices.getUserMedia(wanted);
      stream = opened;
      if (isClosed) return stop();
      video.current!.srcObject = opened;
      await video.current!.play();
    };
    const stop = () => {
      for (const track of stream?.getTracks() ?? []) track.stop();
    };
    open().catch((error: Error) => !isClosed && setProblem(texts.camera.refused(error.message)));
    return () => {
      isClosed = true;
      stop();
    };
  }, []);
  if (problem !== undefined) return <p class="note-box small">{problem}</p>;
  return (
    <div class="camera">
      <video ref={video} muted playsInline aria-label={texts.camera.seen} />
      <div class="choices">
        <button type="button" class="main" {...burst}>
          {texts.camera.hold}
        </button>
        <button type="button" onClick={onClose}>
          {texts.camera.close}
        </button>
      </div>
      <p class="soft small" role="status">
        {taken > 0 && texts.camera.taken(taken)}
      </p>
    </div>
  );
}

/** What a button listens to, so that pictures are taken while it is held. */
function useBurst(video: { readonly current: HTMLVideoElement | null }, take: (pictures: readonly Picture[]) => void) {
  const timer = useRef<ReturnType<typeof setInterval> | undefined>(undefined);
  const waiting = useRef<Picture[]>([]);
  const flush = () => {
    if (waiting.current.length > 0) take(waiting.current);
    waiting.current = [];
  };
  const shoot = () => {
    const picture = video.current && middleOf(video.current);
    if (picture) waiting.current.push(picture);
    if (waiting.current.length >= TOGETHER) flush();
  };
  const start = () => {
    if (timer.current !== undefined) return;
    shoot();
    timer.current = setInterval(shoot, EVERY);
  };
  const end = () => {
    clearInterval(timer.current);
    timer.current = undefined;
    flush();
  };
  useEffect(() => () => clearInterval(timer.current), []);
  const isKey = ({ key }: KeyboardEvent) => key === " " || key === "Enter";
  return {
    onPointerDown: (event: PointerEvent) => {
      (event.currentTarget as Element).setPointerCapture(event.pointerId);
      start();
    },
    onPointerUp: end,
    onPointerCancel: end,
    onBlur: end,
    onKeyDown: (event: KeyboardEvent) => isKey(event) && start(),
    onKeyUp: (event: KeyboardEvent) => isKey(event) && end(),
    onContextMenu: (event: Event) => event.preventDefault(), // a long touch
  };
}

/** The middle of what the camera sees, as a square. */
function middleOf(video: HTMLVideoElement): Picture | undefined {
  const { videoWidth, videoHeight } = video;
  const whole = Math.min(videoWidth, videoHeight);
  if (whole === 0) return undefined;
  const [height = 64, width = 64] = state.data.value?.imageShape ?? [];
  const side = Math.min(whole, FINER * Math.max(height, width));
  const context = new OffscreenCanvas(side, side).getContext("2d")!;
  context.drawImage(video, (videoWidth - whole) / 2, (videoHeight - whole) / 2, whole, whole, 0, 0, side, side);
  const { data } = context.getImageData(0, 0, side, side);
  return { width: side, height: side, data };
}
