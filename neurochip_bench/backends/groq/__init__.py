"""GroqChip, by ONNX and Groq's compiler."""
