from tensorflow.python.ipu.config import running_on_ipu_model

__all__ = ["running_on_ipu_model"]
