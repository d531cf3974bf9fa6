"""The show code (亮证码): its bytes, its digits, its picture, and how a picture is read."""
