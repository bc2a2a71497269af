"""An exported ONNX file in ONNX Runtime behind FastAPI: the body of a request is a picture. Run by uvicorn."""

import io
import json
import os

import numpy as np
import onnxruntime
from fastapi import FastAPI, Request
from PIL import Image

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
options.inter_op_num_threads = 1
options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
session = onnxruntime.InferenceSession(os.environ["MODEL"], options, providers=["CPUExecutionProvider"])
classes = json.loads(session.get_modelmeta().custom_metadata_map["inkling.classes"])
_, height, width, channels = session.get_inputs()[0].shape
app = FastAPI()


@app.post("/v1/predict")
async def predict(request: Request):
    picture = Image.open(io.BytesIO(await request.body())).convert("L" if channels == 1 else "RGB")
    if picture.size != (width, height):
        picture = picture.resize((width, height))
    pixels = np.asarray(picture, np.uint8).reshape(1, height, width, channels)
    (probabilities,) = session.run(["probabilities"], {"image": pixels})
    ranking = [{"label": classes[k], "probability": float(probabilities[0, k])} for k in np.argsort(-probabilities[0])]
    return {"pictures": [{"name": "picture", **ranking[0], "ranking": ranking}]}
